"""The engines that tests of the store's interface run on: name -> URL of a store in a folder."""

URLS = {
    "duckdb": "duckdb:///{folder}/store.duckdb",
    "clickhouse": "chdb:///{folder}/store.chdb",
}
