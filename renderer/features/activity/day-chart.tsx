import { say } from '../../../locales/say.ts'
import type { Usage } from '../../../src/contract/activity.ts'
import styles from './day-chart.module.css'

const WIDTH = 400
const HEIGHT = 150
/** Of each day's place; the rest is the gap to the next. */
const BAR = 0.76

/** Calls of each day; what of them did not work or was not allowed stands out. The table beside it says the same in numbers. */
export function DayChart({ days }: { days: Usage['days'] }) {
  const most = Math.max(1, ...days.map(({ calls }) => calls))
  const place = WIDTH / days.length
  const high = (calls: number) => (HEIGHT * calls) / most
  return (
    <figure className={styles.figure} aria-hidden="true">
      <p className={styles.most}>{most}</p>
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: the table says it */}
      <svg className={styles.chart} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
        {days.map(({ day, calls, failed, denied }, index) => {
          const at = { x: index * place + (place * (1 - BAR)) / 2, width: place * BAR }
          const bad = failed + denied
          return (
            <g key={day}>
              <rect {...at} y={HEIGHT - high(calls)} height={high(calls)} className={styles.calls} />
              <rect {...at} y={HEIGHT - high(bad)} height={high(bad)} className={styles.bad} />
            </g>
          )
        })}
      </svg>
      <p className={styles.ends}>
        <span>{days[0]?.day}</span>
        <span>{days.at(-1)?.day}</span>
      </p>
      <figcaption className={styles.legend}>
        <span className={styles['key-calls']}>{say('usage.column.calls')}</span>
        <span className={styles['key-bad']}>{say('usage.bad')}</span>
      </figcaption>
    </figure>
  )
}
