# The pages, and the parts of each in the order in which they stand in it.
set(pages model diff batch)
set(shared_html head brand end)  # {{head}} and so on
set(model_styles base.css summary.css chart.css list.css)
set(model_scripts text.js columns.js model.js tree.js summary.js chart_layout.js chart.js sort.js rows.js cells.js list.js details.js search.js main.js)
set(diff_styles base.css summary.css list.css table.css)
set(diff_scripts text.js columns.js diff.js sort.js table_rows.js diff_cells.js list.js search.js table.js diff_main.js)
set(batch_styles base.css summary.css list.css table.css)
set(batch_scripts text.js columns.js batch.js sort.js table_rows.js batch_cells.js list.js search.js table.js batch_main.js)
