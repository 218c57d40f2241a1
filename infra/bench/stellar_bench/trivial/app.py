"""The smallest FastAPI function: what is left to measure is the way to it and back."""

from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()


@app.get("/")
async def root() -> dict[str, bool]:
    """Answer with as little work as there can be."""
    return {"ok": True}


lambda_handler = Mangum(app, lifespan="off")
