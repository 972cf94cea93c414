import type { BridgeState } from '../../src/contract/status.ts'
import { cx } from '../ui/cx.ts'
import type { Tone } from '../words/bridge.ts'
import styles from './bridge-picture.module.css'

const POSE: Partial<Record<BridgeState, string>> = { raised: 'up', local: 'half', opening: 'half' }

/** The bridge as it stands: flat, half way, or pulled up. The words beside it say the same. */
export function BridgePicture({ state, tone }: { state: BridgeState; tone: Tone }) {
  const pose = POSE[state]
  return (
    <svg
      viewBox="0 0 240 130"
      className={cx(styles.picture, styles[tone], pose && styles[pose])}
      aria-hidden="true"
    >
      <path className={styles.water} d="M68 116q10-7 20 0t20 0 20 0 20 0 20 0" />
      <g className={styles.left}>
        <path className={styles.deck} d="M60 87h60v10H60z" />
      </g>
      <g className={styles.right}>
        <path className={styles.deck} d="M120 87h60v10h-60z" />
      </g>
      <path
        className={styles.tower}
        d="M22 130V30h9v9h6v-9h10v9h6v-9h9v100zM178 130V30h9v9h6v-9h10v9h6v-9h9v100z"
      />
      <path className={styles.tower} d="M0 97h22v33H0zM218 97h22v33h-22z" />
    </svg>
  )
}
