"""Script of the page: draws the figures in the reader's colours, and the feeder chosen in the heat map."""

JS = """
(() => {
  const read = id => JSON.parse(document.getElementById(id).textContent);
  const figures = read('figures');
  const narrow = () => window.innerWidth < 620;
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const template = () => {
    const axis = {gridcolor: colour('--grid'), linecolor: colour('--rule'), zerolinecolor: colour('--soft'),
      zerolinewidth: 1, automargin: true, title: {standoff: 8, font: {size: 12}}, tickfont: {size: 11}};
    return {layout: {font: {family: 'system-ui, sans-serif', color: colour('--ink'), size: 12},
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', xaxis: axis, yaxis: axis,
      margin: {l: 8, r: 8, t: 16, b: 8}, legend: {orientation: 'h', y: -0.2, yanchor: 'top', x: 0},
      hoverlabel: {align: 'left', bgcolor: colour('--card'), bordercolor: colour('--rule'),
        font: {color: colour('--ink'), family: 'system-ui, sans-serif'}}}};
  };
  // on a touch screen a finger on a figure scrolls the page; it does not zoom
  const dragmode = matchMedia('(pointer: coarse)').matches ? false : 'zoom';
  const config = {responsive: true, displaylogo: false, displayModeBar: false};
  const draw = id => {
    const {data, layout} = figures[id];
    const height = narrow() ? Math.min(layout.height, 430) : layout.height;
    Plotly.react(`plot-${id}`, data, {...layout, height, dragmode, template: template()}, config);
  };
  const unpack = (text, heat) => {
    const bytes = Uint8Array.from(atob(text), one => one.charCodeAt(0));
    const kw = heat.dtype === '<i2' ? new Int16Array(bytes.buffer) : new Int32Array(bytes.buffer);
    const across = heat.days;
    return Array.from({length: kw.length / across}, (_, row) =>
      Array.from(kw.subarray(row * across, (row + 1) * across), one => one === heat.missing ? null : one));
  };
  if (figures.heat) {
    const heat = read('heat-kw'), chosen = document.getElementById('feeder');
    const show = () => { figures.heat.data[0].z = unpack(heat.kw[chosen.value], heat); draw('heat'); };
    chosen.addEventListener('change', show);
    show();
  }
  const all = () => Object.keys(figures).forEach(draw);
  all();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', all);
})();
"""
