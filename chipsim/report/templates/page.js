(function () {
  "use strict";
  var root = document.documentElement;
  var figures = JSON.parse(document.getElementById("figures").textContent);
  var chosen = {};

  function token(name) {
    return getComputedStyle(root).getPropertyValue("--" + name).trim();
  }

  // Colours come as "@@name" and stand for the style variable "--name" of the theme.
  function themed(value) {
    if (typeof value === "string") {
      return /^@@[a-z0-9-]+$/.test(value) ? token(value.slice(2)) : value;
    }
    if (Array.isArray(value)) { return value.map(themed); }
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (key) { copy[key] = themed(value[key]); });
      return copy;
    }
    return value;
  }

  function merged(base, over) {
    var out = Object.assign({}, base);
    Object.keys(over).forEach(function (key) {
      var both = base[key] && over[key] && typeof base[key] === "object" && typeof over[key] === "object";
      out[key] = both && !Array.isArray(over[key]) ? merged(base[key], over[key]) : over[key];
    });
    return out;
  }

  function axis() {
    return {
      gridcolor: "@@grid", zerolinecolor: "@@rule", linecolor: "@@rule", tickcolor: "@@rule",
      automargin: true, title: { standoff: 10, font: { size: 13 } }, tickfont: { color: "@@muted" },
      exponentformat: "SI", minexponent: 3
    };
  }

  function layoutOf(layout) {
    var base = {
      autosize: true, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 13, color: "@@ink" },
      margin: { l: 60, r: 14, t: 10, b: 44 }, hovermode: "closest",
      hoverlabel: { bgcolor: "@@surface", bordercolor: "@@rule", font: { color: "@@ink" }, align: "left" },
      legend: { orientation: "h", x: 0, y: 1.02, xanchor: "left", yanchor: "bottom", font: { size: 12 }, traceorder: "normal",
        maxheight: 4000 },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: "@@edge", activecolor: "@@ink" },
      xaxis: axis(), yaxis: axis()
    };
    Object.keys(layout).forEach(function (key) {
      if (/^[xy]axis\d+$/.test(key)) { base[key] = axis(); }
    });
    return themed(merged(base, layout));
  }

  function relayout(layout, changes) {
    Object.keys(changes).forEach(function (path) {
      var place = layout, keys = path.split(".");
      keys.slice(0, -1).forEach(function (key) { place = place[key] = place[key] || {}; });
      place[keys[keys.length - 1]] = changes[path];
    });
    return layout;
  }

  function draw(name) {
    var figure = figures[name];
    var layout = layoutOf(JSON.parse(JSON.stringify(figure.layout)));
    if (chosen[name] !== undefined) { relayout(layout, figure.options[chosen[name]].layout); }
    var place = document.getElementById(name);
    layout.height += roomOfLegend(place);
    var config = { responsive: true, displaylogo: false, modeBarButtons: [["toImage", "resetScale2d"]] };
    return Plotly.react(place, themed(figure.data), layout, config).then(function () { return fitted(place, name); });
  }

  // Heights are meant for legends of one line; those that take more lines make their figure taller.
  function roomOfLegend(place) {
    var ground = place.querySelector(".legend .bg");
    return ground ? Math.max(0, Math.ceil(ground.getBoundingClientRect().height) - 32) : 0;
  }

  function fitted(place, name) {
    var height = figures[name].layout.height + roomOfLegend(place);
    return place.layout.height === height ? place : Plotly.relayout(place, { height: height });
  }

  function addOptions(name) {
    var options = figures[name].options;
    if (!options.length) { return; }
    var group = document.createElement("span");
    group.className = "options";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Scale");
    options.forEach(function (option, place) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = option.label;
      button.setAttribute("aria-pressed", String(place === 0));
      button.addEventListener("click", function () {
        chosen[name] = place;
        Array.prototype.forEach.call(group.children, function (other) {
          other.setAttribute("aria-pressed", String(other === button));
        });
        draw(name);
      });
      group.appendChild(button);
    });
    document.getElementById(name).closest("figure").querySelector(".figure-head").appendChild(group);
  }

  function key(cell) {
    return cell.dataset.key !== undefined ? cell.dataset.key : cell.textContent.trim();
  }

  function sortable(table) {
    var heads = table.querySelectorAll("thead th");
    Array.prototype.forEach.call(heads, function (head, column) {
      var button = head.querySelector("button");
      if (!button) { return; }
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        Array.prototype.forEach.call(heads, function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var body = table.tBodies[0];
        Array.prototype.slice.call(body.rows)
          .sort(function (one, other) {
            var order = key(one.cells[column]).localeCompare(key(other.cells[column]), "en", { numeric: true });
            return down ? -order : order;
          })
          .forEach(function (row) { body.appendChild(row); });
      });
    });
  }

  function searchable(input) {
    var rows = document.getElementById(input.getAttribute("data-table")).tBodies[0].rows;
    var said = document.getElementById(input.getAttribute("data-count"));
    input.addEventListener("input", function () {
      var wanted = input.value.toLowerCase(), shown = 0;
      Array.prototype.forEach.call(rows, function (row) {
        row.hidden = row.textContent.toLowerCase().indexOf(wanted) < 0;
        shown += row.hidden ? 0 : 1;
      });
      said.textContent = shown + " of " + rows.length + " shown";
    });
  }

  Array.prototype.forEach.call(document.querySelectorAll("table.sortable"), sortable);
  Array.prototype.forEach.call(document.querySelectorAll("input[data-table]"), searchable);
  var names = Object.keys(figures);
  names.forEach(addOptions);
  function drawAll() {
    return Promise.all(names.map(draw)).then(function () { root.dataset.drawn = String(names.length); });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  drawAll().then(function () {
    names.forEach(function (name) {
      var place = document.getElementById(name);
      place.on("plotly_afterplot", function () { fitted(place, name); });
    });
  });
})();
