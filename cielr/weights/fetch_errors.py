"""What goes wrong while weights are fetched, as sentences: access, the network, the disk, a hub that is none."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .catalogue import Weights, WeightsError


@contextmanager
def explained(weights: Weights, endpoint: str, target: Path) -> Iterator[None]:
    """Turns what the hub's client, the network and the disk raise into sentences; other errors pass through."""
    from huggingface_hub import errors

    where = f"{weights.repository} at {endpoint}"
    try:
        yield
    except errors.GatedRepoError as error:
        raise WeightsError(
            f"{where} is gated: accept its terms on its page, then `hf auth login`, and fetch again."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise WeightsError(f"{where} has no revision '{weights.revision}'.") from error
    except errors.RepositoryNotFoundError as error:
        raise WeightsError(
            f"{where} is not there or not for you (HTTP {_status(error)}); if it is private, `hf auth login` first."
        ) from error
    except errors.EntryNotFoundError as error:
        raise WeightsError(f"{where} lacks a file that it lists; try again later.") from error
    except errors.HfHubHTTPError as error:
        if _status(error) in ("401", "403"):
            raise WeightsError(
                f"{where} refuses your token (HTTP {_status(error)}); `hf auth login` takes a new one."
            ) from error
        raise WeightsError(f"{where} answered with HTTP {_status(error)}; try again later.") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG):
            raise WeightsError(
                f"The disk of {target.parent} is full; make room and fetch again, it goes on where it ended."
            ) from error
        if error.errno is not None and isinstance(error.filename, (str, bytes)):
            raise WeightsError(f"{error.filename} cannot be written: {error.strerror}.") from error
        if _of_the_network(error):
            raise _lost(where, error) from error
        raise
    except Exception as error:
        if _of_the_network(error):
            raise _lost(where, error) from error
        if isinstance(error, (ValueError, KeyError, TypeError)):
            # whatever answers there does not answer as the hub does
            raise WeightsError(f"{where} did not answer as the hub does; look at HF_ENDPOINT.") from error
        raise


def _lost(where: str, error: Exception) -> WeightsError:
    said = " ".join(str(error).partition("\n")[0].split())[:120].rstrip(".")
    return WeightsError(
        f"{where} could not be read ({type(error).__name__}: {said}); fetch again, it goes on where it ended."
    )


def _status(error: Any) -> str:
    return str(getattr(getattr(error, "response", None), "status_code", "error"))


def _of_the_network(error: Exception) -> bool:
    """Whether an error comes from a connection; the hub's client has changed its HTTP library more than once."""
    library = type(error).__module__.partition(".")[0]
    return (
        isinstance(error, (ConnectionError, TimeoutError))
        or library in ("httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3")
        or (isinstance(error, OSError) and "onsistency check failed" in str(error))
    )
