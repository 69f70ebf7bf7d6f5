"""Priority matrices over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from catalog.api.policies import (
    OWNER,
    STAFF,
    AfterVersion,
    Database,
    Effective,
    Identity,
    OneAtATime,
    PolicyQuery,
    PolicyView,
    latest_of,
    versions,
)
from catalog.matrices.commands import MatrixCommand, ReplacePriorityMatrix, SetPriorityMatrix
from catalog.matrices.decider import Matrix
from catalog.matrices.events import MatrixFact
from catalog.matrices.terms import MatrixDefinition, matrix_id
from catalog.queries import known
from deskstream.http.commanding import Desk
from deskstream.http.conditions import Asked, Reading
from deskstream.http.history import Entry
from deskstream.http.lists import Filter, Limit, Page
from deskstream.http.routes import Route, held
from deskstream.input import Moment

routes = APIRouter(tags=["priority matrices"], route_class=Route)
Matrices = Annotated[Desk[MatrixCommand, Matrix | None, MatrixFact], held("matrices")]


class MatrixBody(MatrixDefinition, Effective):
    """A priority matrix as it is to be."""

    def definition(self) -> MatrixDefinition:
        """Without when."""
        return MatrixDefinition.model_validate(self.model_dump())


class MatrixView(MatrixDefinition, PolicyView):
    """A priority matrix."""


class MatrixQuery(PolicyQuery):
    """Which priority matrices."""

    customer: Annotated[UUID | None, Filter("(r.definition ->> 'customer')::uuid")] = None


LISTING = latest_of("priority_matrices")


@routes.post("/priority-matrices", dependencies=[OWNER], status_code=201, response_model=MatrixView)
async def set_priority_matrix(
    body: MatrixBody, asked: Asked, matrices: Matrices, turns: OneAtATime
) -> Response:
    """Introduce a customer's matrix, or everyone's."""
    async with turns.take() as connection:
        organisations = await known(connection, "organisation", body.customer)
        command = SetPriorityMatrix(
            definition=body.definition(),
            organisations=organisations,
            effective_from=body.effective_from,
        )
        return await matrices.create(
            asked,
            matrix_id(body.customer),
            command,
            location="/priority-matrices/{}",
        )


@routes.post("/priority-matrices/{id}/versions", dependencies=[OWNER], response_model=MatrixView)
async def replace_priority_matrix(
    identity: Identity, body: MatrixBody, asked: Asked, matrices: Matrices
) -> Response:
    """Put other priorities into a matrix; tickets that were logged keep theirs."""
    command = ReplacePriorityMatrix(
        definition=body.definition(), effective_from=body.effective_from
    )
    return await matrices.change(asked, identity, command)


@routes.get("/priority-matrices", dependencies=[STAFF], response_model=Page[MatrixView])
async def list_priority_matrices(
    query: Annotated[MatrixQuery, Query()], look: Reading, pool: Database
) -> Response:
    """List priority matrices, each in its latest version."""
    return await LISTING.page(pool, look, query, MatrixView.of_row)


@routes.get("/priority-matrices/{id}", dependencies=[STAFF], response_model=MatrixView)
async def one_priority_matrix(
    identity: Identity, look: Reading, matrices: Matrices, as_of: Moment | None = None
) -> Response:
    """Show a matrix's latest version, now or as it was known at a moment."""
    return await matrices.show(look, identity, as_of)


@routes.get(
    "/priority-matrices/{id}/versions", dependencies=[STAFF], response_model=Page[MatrixView]
)
async def versions_of_priority_matrix(
    identity: Identity, look: Reading, matrices: Matrices
) -> Response:
    """Show all versions of a matrix."""
    return await versions(matrices, look, identity, MatrixView)


@routes.get("/priority-matrices/{id}/history", dependencies=[STAFF], response_model=Page[Entry])
async def history_of_priority_matrix(
    identity: Identity,
    look: Reading,
    matrices: Matrices,
    after: AfterVersion = 0,
    limit: Limit = 50,
) -> Response:
    """Tell in plain words what happened to a matrix."""
    return await matrices.history(look, identity, after, limit)
