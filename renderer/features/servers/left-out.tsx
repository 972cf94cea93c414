import type { Server } from '../../../src/contract/servers.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Plain } from '../../ui/plain.tsx'
import styles from './server-page.module.css'

const KIND_WORDS: Record<Server['leftOut'][number]['kind'], string> = {
  tool: 'Tool',
  resource: 'Document',
  resourceTemplate: 'Kind of documents',
  prompt: 'Prompt',
  list: 'All of its',
}

const LIST_WORDS: Record<string, string> = {
  tools: 'tools',
  resources: 'documents',
  resourceTemplates: 'kinds of documents',
  prompts: 'prompts',
}

/** What a server has and apps do not get, and why: nothing goes missing without a word. */
export function LeftOut({ leftOut }: { leftOut: Server['leftOut'] }) {
  if (leftOut.length === 0) return null
  return (
    <Section title="Not offered">
      <Card className={styles.card}>
        <p className={styles.small}>
          The server lists this too, and apps cannot use it. Everything else works. Its maker can mend it.
        </p>
        <ul className={styles['left-out']}>
          {leftOut.slice(0, 50).map(({ kind, name, why }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: names may come twice, and the list is only shown
            <li key={index}>
              <span className={styles.strong}>
                {name === '' ? `A ${KIND_WORDS[kind].toLowerCase()}` : `${KIND_WORDS[kind]} `}
                <Plain text={kind === 'list' ? (LIST_WORDS[name] ?? name) : name} />
              </span>
              : <Plain text={why} />
            </li>
          ))}
          {leftOut.length > 50 && <li>and {leftOut.length - 50} more</li>}
        </ul>
      </Card>
    </Section>
  )
}
