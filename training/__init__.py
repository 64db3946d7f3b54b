"""Trains, exports and scores the models. Never imported when serving."""
