"""Writes the schema's text to ``schema.graphql``: ``python functions/graphql/export.py``."""

from pathlib import Path

from schema import schema

SDL_FILE = Path(__file__).with_name("schema.graphql")


def sdl() -> str:
    """The schema in GraphQL's schema definition language."""
    return f"{schema.as_str()}\n"


if __name__ == "__main__":
    SDL_FILE.write_text(sdl())
