"""What a program does with the client that is generated from docs/openapi.json."""

import importlib
import pkgutil
from uuid import UUID

import edgeos
from edgeos.api.applications import applications_create_my_application as create
from edgeos.client import AuthenticatedClient
from edgeos.models import ApplicationCreate, ProductPublic

ZERO = UUID(int=0)

modules = [importlib.import_module(it.name) for it in pkgutil.walk_packages(edgeos.__path__, "edgeos.")]

sent = ApplicationCreate(popup_id=ZERO, first_name="Eve", last_name="Moss").to_dict()
assert sent["popup_id"] == str(ZERO) and sent["first_name"] == "Eve", sent

product = {
    "id": str(ZERO),
    "tenant_id": str(ZERO),
    "popup_id": str(ZERO),
    "name": "Week 1",
    "slug": "week-1",
    "price": "500.00",
    "category": "ticket",
    "is_active": True,
    "exclusive": False,
    "created_at": "2027-01-01T00:00:00Z",
    "updated_at": "2027-01-01T00:00:00Z",
}
read = ProductPublic.from_dict(product)
assert (read.name, read.price) == ("Week 1", "500.00"), read

client = AuthenticatedClient(base_url="http://localhost:8000", token="a token")
assert callable(create.sync_detailed) and client.token == "a token"
print(f"{len(modules)} modules of the Python client")
