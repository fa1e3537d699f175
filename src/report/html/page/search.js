// The search above the list, and the folding of all of it.

function search() {
  view.words = byId("search").value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  view.folds.clear();
  list.frame.scrollTop = 0;
  refresh();
}

function listenToSearch() {
  byId("search").addEventListener("input", search);
  byId("search").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && byId("search").value !== "") {
      event.preventDefault();
      byId("search").value = "";
      search();
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      list.frame.focus();
      if (list.rows.length > 0 && !list.rows.includes(list.active)) activate(list.rows[0], true);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input") !== null) return;
    event.preventDefault();
    byId("search").focus();
  });
}

function listenToFolds() {
  for (const [id, open] of [["unfold", true], ["fold", false]]) {
    byId(id).addEventListener("click", () => {
      setAllOpen(open);
      list.frame.scrollTop = 0;
      refresh();
    });
  }
}
