import { Counter, Gauge, Histogram, Registry } from 'prom-client'

interface MetricOptions<Label extends string> {
  name: string
  help: string
  labels?: readonly Label[]
}

interface CounterOptions<Label extends string> extends MetricOptions<Label> {
  /** Reads what is counted elsewhere, when the figures are read. */
  collect?: (counter: Counter<Label>) => void
}

interface GaugeOptions<Label extends string> extends MetricOptions<Label> {
  /** Sets the value when the figures are read, for what is cheaper to look up than to follow. */
  collect?: (gauge: Gauge<Label>) => void
}

/** The figures of one node; two nodes in a process have one each. */
export interface Metrics {
  counter<Label extends string = never>(options: CounterOptions<Label>): Counter<Label>
  gauge<Label extends string = never>(options: GaugeOptions<Label>): Gauge<Label>
  /** `buckets` in the unit of the name, ascending. */
  histogram<Label extends string = never>(options: MetricOptions<Label> & { buckets: number[] }): Histogram<Label>
  /** All figures in the Prometheus text format. */
  text(): Promise<string>
}

/** Text format 0.0.4, spelled as in contract 11.1. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4'

export function createMetrics(): Metrics {
  const registry = new Registry()
  const base = <Label extends string>({ name, help, labels = [] }: MetricOptions<Label>) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  })
  return {
    counter<Label extends string = never>({ collect, ...options }: CounterOptions<Label>) {
      const counter: Counter<Label> = new Counter<Label>({
        ...base(options),
        ...(collect && {
          collect() {
            counter.reset()
            collect(counter)
          },
        }),
      })
      return counter
    },
    gauge<Label extends string = never>({ collect, ...options }: GaugeOptions<Label>) {
      const gauge: Gauge<Label> = new Gauge<Label>({
        ...base(options),
        ...(collect && { collect: () => collect(gauge) }),
      })
      return gauge
    },
    histogram: (options) => new Histogram({ ...base(options), buckets: options.buckets }),
    text: () => registry.metrics(),
  }
}
