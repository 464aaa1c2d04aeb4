"""What people are told: in the product, and by mail where the installation has a mail server."""
