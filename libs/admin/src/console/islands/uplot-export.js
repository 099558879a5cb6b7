export default uPlot;
