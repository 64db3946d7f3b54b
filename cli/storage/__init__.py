"""Models kept in a container of Azure Blob Storage; the model path is the cache of it.

``store``     what a storage is: blobs with a name, a size and an entity tag; ``azure`` is one
``units``     which blobs make up a bundle, an original file, or a language model
``pull``      fetches what is missing or differs: ``download`` to parts, checked, then put in place by renaming
``push``      uploads a bundle, its manifest last
"""
