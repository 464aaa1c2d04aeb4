"""What the browser may send about lesson plans, checked and cleaned."""
