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
    var layout = wanted(name);
    var place = document.getElementById(name);
    foldRows(layout.yaxis, place, figures[name].layout.height);
    layout.height = heightOf(place, name);
    var config = { responsive: true, displaylogo: false, modeBarButtons: [["toImage", "resetScale2d"]] };
    return Plotly.react(place, dataFor(place, name), layout, config).then(function () { return fitted(place, name); });
  }

  // A legend breaks between its entries only: a long name would run out of the figure.
  function dataFor(place, name) {
    var room = place.namedFor = roomOfNames(place);
    return themed(figures[name].data).map(function (trace) {
      return trace.name ? Object.assign(trace, { name: folded(trace.name, room) }) : trace;
    });
  }

  // Names beside rows would leave no room for what is drawn in these.
  function foldRows(axis, place, height) {
    place.moreForRows = 0;
    if (!axis.categoryarray) { return; }
    axis.tickmode = "array";
    axis.tickvals = axis.categoryarray;
    axis.ticktext = axis.categoryarray.map(function (label) { return folded(label, 0.38 * place.clientWidth); });
    var lines = Math.max.apply(null, axis.ticktext.map(function (label) { return label.split("<br>").length; }));
    var rows = axis.ticktext.length;
    if (lines > 1) { place.moreForRows = Math.max(0, rows * (18 * lines + 6) - (height - 130)); }
  }

  function heightOf(place, name) {
    return figures[name].layout.height + roomOfLegend(place) + place.moreForRows;
  }

  // Where the legend begins is known once it is drawn, and a guess before; its signs take room too.
  function roomOfNames(place) {
    var legend = place.querySelector(".legend");
    var left = legend ? legend.getBoundingClientRect().left - place.getBoundingClientRect().left : 75;
    return Math.max(90, place.clientWidth - left - 60);
  }

  function folded(label, room) {
    if (widthOf(label) <= room) { return label; }
    var lines = [], line = "";
    label.split(" ").forEach(function (word) {
      var longer = line ? line + " " + word : word;
      if (widthOf(longer) <= room) { line = longer; return; }
      if (line) { lines.push(line); }
      line = "";
      // A word that is too long by itself is broken anywhere but inside what stands for one letter.
      (widthOf(word) > room ? word.match(/&[#a-z0-9]+;|[^]/gi) : [word]).forEach(function (piece) {
        if (line && widthOf(line + piece) > room) { lines.push(line); line = ""; }
        line += piece;
      });
    });
    return lines.concat(line).join("<br>");
  }

  var ruler = document.createElement("canvas").getContext("2d");
  function widthOf(label) {
    ruler.font = "12px " + getComputedStyle(document.body).fontFamily;
    return ruler.measureText(plainText(label)).width;
  }

  // Heights are meant for legends of one line; those that take more lines make their figure taller.
  function roomOfLegend(place) {
    var ground = place.querySelector(".legend .bg");
    return ground ? Math.max(0, Math.ceil(ground.getBoundingClientRect().height) - 32) : 0;
  }

  function fitted(place, name) {
    // What is drawn may begin elsewhere, and the window may have another width by now.
    if (place.querySelector(".legend") && Math.abs(roomOfNames(place) - place.namedFor) > 12) { return draw(name); }
    var height = heightOf(place, name);
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
      foldRows(layout.yaxis, place, figures[name].layout.height);
      layout.title = { text: place.closest("figure").querySelector("h3").innerHTML, font: { size: 15 } };
      layout.margin = Object.assign({}, layout.margin, { t: 46 + roomOfLegend(place) });
      return { data: dataFor(place, name), layout: layout };
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

  // Where a table is cut off, it fades out, and a line below says that there is more.
  function scrolling(box) {
    var hint = document.createElement("p");
    hint.className = "note hint";
    hint.textContent = "There are more columns to the side: scroll the table.";
    box.after(hint);
    function look() {
      var hidden = box.scrollWidth - box.clientWidth;
      box.classList.toggle("more-left", box.scrollLeft > 1);
      box.classList.toggle("more-right", hidden - box.scrollLeft > 1);
      hint.hidden = hidden <= 1;
      // Whoever has no pointer scrolls with arrow keys, once the table can be reached.
      if (hidden > 1) { box.tabIndex = 0; } else { box.removeAttribute("tabindex"); }
    }
    box.addEventListener("scroll", look);
    new ResizeObserver(look).observe(box);
    look();
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
  Array.prototype.forEach.call(document.querySelectorAll(".scroll"), scrolling);
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
