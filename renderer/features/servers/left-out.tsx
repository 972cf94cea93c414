import { say } from '../../../locales/say.ts'
import { visibleText } from '../../../src/contract/agreed/visible-text.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Plain } from '../../ui/plain.tsx'
import { rich } from '../../ui/rich.tsx'
import { Small } from '../../ui/text.tsx'
import styles from './server-page.module.css'

/** What a server has and apps do not get, and why: nothing goes missing without a word. */
export function LeftOut({ leftOut }: { leftOut: Server['leftOut'] }) {
  if (leftOut.length === 0) return null
  return (
    <Section title={say('servers.leftOut.title')}>
      <Card lines="apart">
        <Small narrow>{say('servers.leftOut.theServerListsThis')}</Small>
        <ul className={styles['left-out']}>
          {leftOut.slice(0, 50).map(({ kind, name, why }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: names may come twice, and the list is only shown
            <li key={index}>
              {rich('servers.leftOut.one', {
                what: <span className={styles.strong}>{what(kind, name)}</span>,
                why: <Plain text={why} />,
              })}
            </li>
          ))}
          {leftOut.length > 50 && <li>{say('servers.leftOut.andMore', { more: leftOut.length - 50 })}</li>}
        </ul>
      </Card>
    </Section>
  )
}

function what(kind: Server['leftOut'][number]['kind'], name: string) {
  if (kind === 'list') return say('servers.leftOut.list', { list: listName(name) })
  if (name === '') return say(`servers.leftOut.${kind}.nameless`)
  return rich(`servers.leftOut.${kind}.named`, { name: <Plain text={name} /> })
}

const LISTS = ['tools', 'resources', 'resourceTemplates', 'prompts'] as const

const listName = (name: string): string => {
  const list = LISTS.find((one) => one === name)
  return list === undefined ? visibleText(name) : say(`servers.list.${list}`)
}
