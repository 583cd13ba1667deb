// The parts of ECharts that the console draws with; a file of its own, so that it is loaded late.
import { BarChart, LineChart } from 'echarts/charts';
import {
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components';
import { type ECharts, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([
  ...[BarChart, LineChart, CanvasRenderer],
  ...[GridComponent, LegendComponent, MarkLineComponent, TooltipComponent],
]);

export function startChart(box: HTMLElement): ECharts {
  return init(box, null, { renderer: 'canvas' });
}
