pytest_plugins = ["deskstream_testing.fixtures"]
