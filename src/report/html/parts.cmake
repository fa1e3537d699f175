# The parts of the page, in the order in which they stand in it.
set(page_styles base.css summary.css chart.css list.css)
set(page_scripts text.js model.js tree.js summary.js chart_layout.js chart.js rows.js list.js details.js main.js)
