// Charts are fed by the attribute data-chart and take their colours from the
// style sheet, so that they follow light and dark.
(function () {
  "use strict";

  function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

  function draw(el) {
    var data = JSON.parse(el.dataset.chart), ink = colour("--ink-3"), line = colour("--line");
    var old = echarts.getInstanceByDom(el);
    if (old) old.dispose();
    echarts.init(el, null, { renderer: "canvas" }).setOption({
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: data.wide ? 64 : 36, right: 12, top: 36, bottom: 26 },
      legend: { top: 0, right: 0, itemWidth: 12, itemHeight: 8, textStyle: { color: ink } },
      tooltip: { trigger: "axis", renderMode: "richText" },
      xAxis: { type: "category", data: data.labels, axisLabel: { color: ink }, axisLine: { lineStyle: { color: line } }, axisTick: { show: false } },
      yAxis: { type: "value", minInterval: 1, axisLabel: { color: ink }, splitLine: { lineStyle: { color: line } } },
      series: data.lines.map(function (one) {
        return { name: one.name, type: "bar", barMaxWidth: 10, data: one.data, itemStyle: { color: colour("--" + one.tone), borderRadius: [2, 2, 0, 0] } };
      })
    });
  }

  function all() { document.querySelectorAll("[data-chart]").forEach(draw); }
  document.addEventListener("DOMContentLoaded", all);
  document.addEventListener("htmx:afterSwap", all);
  window.addEventListener("resize", function () {
    document.querySelectorAll("[data-chart]").forEach(function (el) {
      var chart = echarts.getInstanceByDom(el);
      if (chart) chart.resize();
    });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
})();
