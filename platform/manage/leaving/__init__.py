"""A school leaves its group and takes its data along."""
