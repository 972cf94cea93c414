import { say } from '../../../locales/say.ts'
import type { TunnelWay } from '../../../src/contract/tunnel.ts'
import styles from './address.module.css'

/** What somebody who chooses wants to know of a way. */
export function WayFacts({ way }: { way: TunnelWay }) {
  const facts = [
    [say('address.price'), way.price],
    [say('address.account'), way.account],
    [say('address.reads'), way.reads],
    [say('address.restart'), way.restart],
    [say('address.browser'), way.browser],
  ]
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt className={styles.name}>{name}</dt>
          <dd className={styles.value}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
