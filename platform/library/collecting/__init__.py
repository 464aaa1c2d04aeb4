"""合集: resources in an order of their own, shown to others and packed for classrooms without a network."""
