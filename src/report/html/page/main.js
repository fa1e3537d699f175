// Puts the parts together.

function setFlat(flat) {
  view.flat = flat;
  byId("as-tree").setAttribute("aria-pressed", String(!flat));
  byId("as-flat").setAttribute("aria-pressed", String(flat));
  byId("folds").hidden = flat;
  list.frame.classList.toggle("flat", flat);
}

function clearSearch() {
  byId("search").value = "";
  view.words = [];
  view.states.clear();
  view.folds.clear();
  for (const chip of byId("states").children) chip.setAttribute("aria-pressed", "false");
}

function drawChips() {
  STATES.forEach((state, i) => {
    if (root.by[i] === 0 && !nodeOfTensor.some((node) => node.state === i)) return;
    byId("states").append(h("button", {
      type: "button", class: "chip", "aria-pressed": "false",
      onclick(event) {
        const on = !view.states.has(i);
        if (on) view.states.add(i);
        else view.states.delete(i);
        event.currentTarget.setAttribute("aria-pressed", String(on));
        list.frame.scrollTop = 0;
        refresh();
      },
    }, h("span", {class: "dot fill-" + state.key, "aria-hidden": "true"}), state.title));
  });
}

drawHead();
drawTotals();
drawFramework();
drawTypes();
drawNotes();
makeList();
drawChips();
drawChart();

chart.onselect = (node) => {
  if (node === root) drawDetails(null);
  else goTo(node);
};
list.onselect = (node) => {
  drawDetails(node);
  if (chart.svg !== null) pointAt(node, false);
};

listenToSearch();
for (const [id, flat] of [["as-tree", false], ["as-flat", true]]) {
  byId(id).addEventListener("click", () => {
    setFlat(flat);
    list.frame.scrollTop = 0;
    refresh();
  });
}
listenToFolds();

drawDetails(null);
refresh();
document.documentElement.dataset.ready = "yes";
