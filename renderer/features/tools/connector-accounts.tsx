import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Connector, ConnectorAccount, ConnectorField } from '../../../src/contract/connectors.ts'
import { useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Small } from '../../ui/text.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { ConnectorDialog } from './connector-dialog.tsx'
import styles from './tools-page.module.css'

/** The first account, or another one. */
export function SetUpConnector({ connector }: { connector: Connector }) {
  const [open, setOpen] = useState(false)
  const isFirst = connector.accounts.length === 0
  const { name } = connector
  if (connector.fields.length === 0) return null
  return (
    <div className={styles.buttons}>
      <Button
        intent={connector.ready ? 'quiet' : 'primary'}
        size="small"
        aria-label={
          isFirst ? say('connectors.setUpOne', { name }) : say('connectors.addAccountFor', { name })
        }
        onClick={() => setOpen(true)}
      >
        {isFirst ? say('connectors.setUp') : say('connectors.addAccount')}
      </Button>
      {open && <ConnectorDialog connector={connector} account={null} onClose={() => setOpen(false)} />}
    </div>
  )
}

interface ConnectorAccountsProps {
  connector: Connector
  /** Then it has its own name and button. */
  isOneOfSeveral: boolean
}

/** What it is for and, once it was told something, what. */
export function ConnectorAccounts({ connector, isOneOfSeveral }: ConnectorAccountsProps) {
  const [changed, setChanged] = useState<ConnectorAccount | null>(null)
  const isPlain = !isOneOfSeveral && connector.ready && connector.accounts.length === 0
  // A dialog stays until it is closed, also over an account that is gone.
  if (isPlain && changed === null) return null
  return (
    <div className={styles.inside}>
      {isOneOfSeveral && (
        <div className={styles.service}>
          <img className={styles.logo} src={connector.logo} alt="" width={24} height={24} />
          <h3 className={styles['service-name']}>{connector.name}</h3>
          <SetUpConnector connector={connector} />
        </div>
      )}
      {!isOneOfSeveral && !connector.ready && <Small>{connector.about}</Small>}
      {connector.accounts.length > 0 && (
        <ul className={styles.accounts}>
          {connector.accounts.map((account) => (
            <li key={account.id} className={styles.account}>
              <div className={styles['tool-words']}>
                <h3 className={styles['tool-title']}>
                  <Plain text={account.name} />
                </h3>
                {connector.fields.map((field) => (
                  <Value key={field.name} field={field} account={account} />
                ))}
              </div>
              <TestAccount connector={connector} account={account} />
              <Button
                intent="quiet"
                size="small"
                aria-label={say('connectors.changeAccountOf', {
                  account: account.name,
                  name: connector.name,
                })}
                onClick={() => setChanged(account)}
              >
                {say('common.change')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {changed && (
        <ConnectorDialog connector={connector} account={changed} onClose={() => setChanged(null)} />
      )}
    </div>
  )
}

/** Asks the service, and says in words what works or what does not. */
function TestAccount({ connector, account }: { connector: Connector; account: ConnectorAccount }) {
  const test = useCommand('connectors.test', { done: ({ message }) => showDone(message) })
  return (
    <Button
      intent="quiet"
      size="small"
      busy={test.isPending}
      aria-label={say('connectors.testOne', { account: account.name, name: connector.name })}
      onClick={() => test.mutate({ id: account.id })}
    >
      {say('connectors.test')}
    </Button>
  )
}

/** What may be asked of an assistant; and that answers are made up, until one of them is set up. */
export function Examples({ of }: { of: readonly Connector[] }) {
  const examples = [...new Set(of.flatMap((one) => one.examples))].slice(0, 3)
  if (examples.length === 0) return null
  return (
    <div className={styles.inside}>
      {!of.some((one) => one.ready) && <Small>{say('connectors.demo')}</Small>}
      <Small>
        {say('connectors.askFor')} {examples.map((one) => `“${one}”`).join(' ')}
      </Small>
    </div>
  )
}

/** By source: what is built in and is no connector. */
const own = (): Readonly<Record<string, string[]>> => ({
  timeline: [say('tools.example.timeline1'), say('tools.example.timeline2'), say('tools.example.timeline3')],
  folders: [say('tools.example.folders1'), say('tools.example.folders2'), say('tools.example.folders3')],
})

/** The same of the timeline and the folders. */
export function OwnExamples({ sourceId }: { sourceId: string | undefined }) {
  const examples = own()[sourceId ?? '']
  if (examples === undefined) return null
  return (
    <div className={styles.inside}>
      <Small>
        {say('connectors.askFor')} {examples.map((one) => `“${one}”`).join(' ')}
      </Small>
    </div>
  )
}

function Value({ field, account }: { field: ConnectorField; account: ConnectorAccount }) {
  const isKept = account.secrets.includes(field.name)
  const told = isKept ? say('connectors.kept') : account.values[field.name]?.split('\n').join(', ')
  const value = told ?? (field.required ? say('connectors.lacking') : undefined)
  if (value === undefined) return null
  return (
    <p className={styles.text}>
      {field.label}: <Plain text={value} />
    </p>
  )
}
