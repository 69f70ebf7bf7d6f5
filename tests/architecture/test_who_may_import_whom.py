import pytest
from house import EXTRA, NO_USE_FOR, ROOT, STOREYS, lint_imports, service_folders, services


def test_imports_go_downwards_only_and_every_room_has_a_name(tmp_path):
    status, said = lint_imports(services(), tmp_path)
    assert status == 0, said


def test_every_package_of_the_workspace_has_its_storey():
    sources = (*ROOT.glob("shared/*/src/*"), *ROOT.glob("deploy/local/src/*"))
    packages = {path.name for path in sources if (path / "__init__.py").exists()}
    assert packages == {name for storey in STOREYS for name in storey} - {"{services}"}


def test_what_a_service_has_no_use_for_is_declared_for_services_that_there_are():
    assert NO_USE_FOR.keys() == services().keys()
    assert EXTRA.keys() <= services().keys()


@pytest.mark.parametrize("folder", service_folders(), ids=lambda folder: folder.name)
def test_a_service_has_what_every_service_has(folder):
    package = folder.name.replace("-", "_")
    assert f'name = "deskstream-{folder.name}"' in (folder / "pyproject.toml").read_text()
    for part in (
        "README.md",
        "contracts/asyncapi.yaml",
        "contracts/examples",
        "contracts/openapi.json",
        f"src/{package}/migrations",
        f"src/{package}/py.typed",
    ):
        assert (folder / part).exists(), f"{folder.name} has no {part}"
