"""What can be refused, as a customer, an agent or an admin would be told."""


class AppError(Exception):
    """Something went wrong on our side. Please try again in a moment."""

    status = 500

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip()
        super().__init__(self.detail)


class NotFound(AppError):
    """This does not exist, or it is not yours."""

    status = 404


class Unauthorised(AppError):
    """Please sign in, or send a valid key."""

    status = 401


class Forbidden(AppError):
    """You are signed in, but this is not among your rights."""

    status = 403


class Conflict(AppError):
    """This changed in the meantime. Reload it and try again."""

    status = 409


class Outdated(AppError):
    """This changed since you read it. Read it again, then send your change."""

    status = 412


class Invalid(AppError):
    """Something in this request is not right."""

    status = 422


class TooLarge(AppError):
    """This is larger than we accept."""

    status = 413


class TooMany(AppError):
    """That was a little too fast. Please wait a moment."""

    status = 429

    def __init__(self, retry_after: float, detail: str | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(AppError):
    """This part is not available right now. Please try again in a moment."""

    status = 503


class Misconfigured(AppError):
    """The configuration has a mistake."""
