import pytest


def pytest_addoption(parser):
    group = parser.getgroup("fine-tuning")
    group.addoption("--consumer", required=True, help="whose training to run")
    group.addoption("--quick", action="store_true", help="one model and one freeze")
    group.addoption(
        "--without-plan",
        action="store_true",
        help="do not apply the plan: every test must then fail",
    )
    group.addoption("--results", help="a file to add a line of JSON for each run to")


@pytest.fixture()
def options(request):
    return request.config.option


def pytest_collection_modifyitems(config, items):
    # The control is of the runs alone.
    if config.option.without_plan:
        items[:] = [item for item in items if "test_training" in item.nodeid]
