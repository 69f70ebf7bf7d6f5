"""The HTTP side of the monitor."""

from fastapi import APIRouter

from sla_monitor.api import clocks, orders, reports

routes = APIRouter()
routes.include_router(clocks.routes)
routes.include_router(reports.routes)
routes.include_router(orders.routes)
