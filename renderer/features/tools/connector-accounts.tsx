import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Connector, ConnectorAccount, ConnectorField } from '../../../src/contract/connectors.ts'
import { Button } from '../../ui/button.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Small } from '../../ui/text.tsx'
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

/** What it is for and, once it was told something, what. */
export function ConnectorAccounts({ connector }: { connector: Connector }) {
  const [changed, setChanged] = useState<ConnectorAccount | null>(null)
  if (connector.ready && connector.accounts.length === 0) return null
  return (
    <div className={styles.inside}>
      {!connector.ready && <Small>{say('connectors.notReady', { about: connector.about })}</Small>}
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

function Value({ field, account }: { field: ConnectorField; account: ConnectorAccount }) {
  const isKept = account.secrets.includes(field.name)
  const value = isKept ? say('connectors.kept') : account.values[field.name]?.split('\n').join(', ')
  if (value === undefined) return null
  return (
    <p className={styles.text}>
      {field.label}: <Plain text={value} />
    </p>
  )
}
