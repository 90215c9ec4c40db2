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

  function wanted(name) {
    var figure = figures[name];
    var layout = layoutOf(JSON.parse(JSON.stringify(figure.layout)));
    return chosen[name] === undefined ? layout : relayout(layout, figure.options[chosen[name]].layout);
  }

  function draw(name) {
    var figure = figures[name], layout = wanted(name);
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
    toolsOf(name).appendChild(group);
  }

  function toolsOf(name) {
    var head = document.getElementById(name).closest("figure").querySelector(".figure-head");
    var tools = head.querySelector(".tools");
    if (!tools) {
      tools = head.appendChild(document.createElement("span"));
      tools.className = "tools";
    }
    return tools;
  }

  function addExports(name) {
    var group = document.createElement("span");
    group.className = "options";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Save this figure");
    ["SVG", "PNG", "CSV"].forEach(function (kind) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = kind;
      button.title = "Save as " + kind;
      button.addEventListener("click", function () { save(name, kind.toLowerCase()); });
      group.appendChild(button);
    });
    toolsOf(name).appendChild(group);
  }

  function save(name, kind) {
    if (kind === "csv") {
      download("data:text/csv;charset=utf-8," + encodeURIComponent(tableOf(figures[name])), name, kind);
      return Promise.resolve();
    }
    var place = document.getElementById(name), size = { width: place.clientWidth, height: place.layout.height };
    // Light and opaque: what is saved goes onto paper, whatever the screen is.
    var drawing = inLight(function () {
      var layout = Object.assign(wanted(name), size, { autosize: false, paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff" });
      layout.title = { text: place.closest("figure").querySelector("h3").innerHTML, font: { size: 15 } };
      layout.margin = Object.assign({}, layout.margin, { t: 46 + roomOfLegend(place) });
      return { data: themed(figures[name].data), layout: layout };
    });
    return Plotly.toImage(drawing, Object.assign({ format: kind, scale: kind === "png" ? 3 : 1 }, size)).then(function (url) {
      download(url, name, kind);
    });
  }

  function inLight(make) {
    var before = root.classList.contains("light");
    root.classList.add("light");
    try { return make(); } finally { if (!before) { root.classList.remove("light"); } }
  }

  function download(url, name, kind) {
    var link = document.createElement("a");
    link.href = url;
    link.download = name + "." + kind;
    document.body.appendChild(link);
    link.click();
    link.remove();
  }

  // The same columns as 'chipsim figure -o FILE.csv' writes.
  function tableOf(figure) {
    var rows = [["series", "x", "y", "z", "error_x", "error_y"]];
    figure.data.forEach(function (trace) {
      var series = plainText(trace.name || "");
      if (trace.type === "heatmap" && trace.z) {
        trace.z.forEach(function (line, row) {
          line.forEach(function (value, column) { rows.push([series, at(trace.x, column), at(trace.y, row), value, "", ""]); });
        });
        return;
      }
      var count = Math.max((trace.x || []).length, (trace.y || []).length);
      for (var place = 0; place < count; place += 1) {
        rows.push([series, at(trace.x, place), at(trace.y, place), "", error(trace.error_x, place), error(trace.error_y, place)]);
      }
    });
    return rows.map(function (row) { return row.map(field).join(",") + "\r\n"; }).join("");
  }

  function at(values, place) {
    var value = values ? values[place] : place;
    return typeof value === "string" ? plainText(value) : value;
  }

  function error(errors, place) { return errors && errors.array ? errors.array[place] : ""; }

  // Labels are written for plotly.js, as a kind of HTML.
  function plainText(label) {
    return new DOMParser().parseFromString(label.replace(/<br>/g, " "), "text/html").body.textContent;
  }

  function field(value) {
    if (value === null || value === undefined) { return ""; }
    var said = String(value);
    // A name that begins like a formula would be worked out by the program that opens the table.
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(said)) { said = "'" + said; }
    return /[",\r\n]/.test(said) ? '"' + said.replace(/"/g, '""') + '"' : said;
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

  // Points that stand for a run carry its place behind what is told of them: a folder beside the page, and nothing else.
  function follow(point) {
    var told = point && point.customdata, to = Array.isArray(told) ? told[1] : "";
    if (typeof to === "string" && /^\.\/[A-Za-z0-9%._~\/-]+$/.test(to)) { location.href = to; }
  }

  Array.prototype.forEach.call(document.querySelectorAll("table.sortable"), sortable);
  Array.prototype.forEach.call(document.querySelectorAll("input[data-table]"), searchable);
  var names = Object.keys(figures);
  names.forEach(addOptions);
  names.forEach(addExports);
  function drawAll() {
    return Promise.all(names.map(draw)).then(function () { root.dataset.drawn = String(names.length); });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  // Before the page is printed, for style sheets of paper do not reach what is drawn already.
  addEventListener("beforeprint", function () { root.classList.add("light"); drawAll(); });
  addEventListener("afterprint", function () { root.classList.remove("light"); drawAll(); });
  drawAll().then(function () {
    names.forEach(function (name) {
      var place = document.getElementById(name);
      place.on("plotly_afterplot", function () { fitted(place, name); });
      place.on("plotly_click", function (event) { follow(event.points[0]); });
    });
  });
})();
