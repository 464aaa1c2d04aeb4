"""Finding plans, resources and people: an index beside the database, filled by the worker, that knows who may read what."""
