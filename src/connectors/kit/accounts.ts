import * as z from 'zod'
import { saidLater, say } from '../../../locales/say.ts'
import type { ConnectorAccount } from '../../contract/connectors.ts'
import { HostError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Settings } from '../../storage/settings.ts'
import type { Vault } from '../../storage/vault/vault.ts'
import type { Connector } from './connector.ts'
import { storedText } from './fields.ts'

/** The setting that holds them, secrets excepted: those are in the vault at `connector/<id>/<field>`. */
const setting = 'connectors.accounts'
const Stored = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  values: z.record(z.string(), z.string()),
  secrets: z.array(z.string()),
})
type Stored = z.infer<typeof Stored>

/** As long as a page, and the list of accounts in a tool's definition, stay readable. */
const mostAccounts = 20

/** The accounts that the user set up, of all connectors. */
export class ConnectorAccounts {
  readonly #settings: Settings
  readonly #vault: Vault
  readonly #log: Log
  #all: readonly Stored[]

  constructor(deps: { settings: Settings; vault: Vault; log: Log }) {
    this.#settings = deps.settings
    this.#vault = deps.vault
    this.#log = deps.log
    this.#all = deps.settings.get(setting, z.array(Stored)) ?? []
  }

  of({ slug }: Pick<Connector, 'slug'>): readonly ConnectorAccount[] {
    return this.#all.filter((one) => one.slug === slug)
  }

  /** Whether every required field of it has a value. */
  isComplete({ fields }: Connector, { values, secrets }: ConnectorAccount): boolean {
    return Object.entries(fields).every(
      ([name, field]) => !field.required || name in values || secrets.includes(name),
    )
  }

  /** As its tools get them. Throws HostError `secret-missing`, or when the vault does not answer. */
  async valuesOf({ fields, name }: Connector, account: ConnectorAccount): Promise<Record<string, unknown>> {
    const values: Record<string, unknown> = {}
    for (const [field, { kind, schema }] of Object.entries(fields)) {
      if (kind !== 'secret') {
        const text = account.values[field]
        // What an earlier version took and this one would not is as if it was not there.
        values[field] = text === undefined ? undefined : schema.safeParse(text).data
        continue
      }
      if (!account.secrets.includes(field)) continue
      const secret = await this.#vault.get(this.#place(account.id, field))
      if (secret === null) throw secretMissing(name, account.name)
      values[field] = secret
    }
    return values
  }

  /** Changes one, or makes one. Secrets are in the vault before it counts. Throws HostError; then it is as it was. */
  async save(
    connector: Connector,
    change: { id?: string; name?: string; values: Readonly<Record<string, string | null>> },
  ): Promise<ConnectorAccount> {
    const own = this.of(connector)
    const before = change.id === undefined ? undefined : own.find(({ id }) => id === change.id)
    if (change.id !== undefined && before === undefined) throw accountGone()
    if (before === undefined && own.length >= mostAccounts) throw tooMany(connector.name)
    const name = change.name ?? before?.name ?? freeName(own)
    if (own.some((one) => one !== before && one.name === name)) throw nameTaken(name)
    const id = before?.id ?? newId('acc')
    const values = { ...before?.values }
    const secrets = new Set(before?.secrets)
    const kept: [string, string][] = []
    const dropped: string[] = []
    for (const [field, text] of Object.entries(change.values)) {
      const described = Object.hasOwn(connector.fields, field) ? connector.fields[field] : undefined
      if (described === undefined) throw noField(connector, field)
      const stored = text === null || text.trim() === '' ? null : storedText(described, text)
      if (described.kind === 'secret') {
        if (stored === null) {
          secrets.delete(field)
          dropped.push(field)
        } else {
          secrets.add(field)
          kept.push([field, stored])
        }
      } else if (stored === null) delete values[field]
      else values[field] = stored
    }
    const account: Stored = { id, slug: connector.slug, name, values, secrets: [...secrets] }
    for (const [field, secret] of kept) await this.#vault.set(this.#place(id, field), secret)
    this.#keep(before ? this.#all.map((one) => (one.id === id ? account : one)) : [...this.#all, account])
    await this.#forget(id, dropped)
    return account
  }

  async remove(id: string): Promise<void> {
    const gone = this.#all.find((one) => one.id === id)
    if (gone === undefined) throw accountGone()
    this.#keep(this.#all.filter((one) => one !== gone))
    await this.#forget(id, gone.secrets)
  }

  #keep(all: readonly Stored[]): void {
    this.#settings.set(setting, all)
    this.#all = all
  }

  /** Goes on when one cannot be deleted: a locked vault must not keep an account alive. */
  async #forget(id: string, fields: readonly string[]): Promise<void> {
    for (const field of fields)
      await this.#vault
        .delete(this.#place(id, field))
        .catch((error) => this.#log.warn('connector.secret-not-deleted', { id, field, error }))
  }

  #place(id: string, field: string): string {
    return `connector/${id}/${field}`
  }
}

function freeName(own: readonly ConnectorAccount[]): string {
  const isFree = (name: string) => !own.some((one) => one.name === name)
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? say('connector.myAccount') : say('connector.myAccountNumber', { number })
    if (isFree(name)) return name
  }
}

const secretMissing = (connector: string, account: string) =>
  new HostError({ code: 'secret-missing', says: 'secret-missing-connector', params: { account, connector } })
const accountGone = () => new HostError({ code: 'account-unknown' })
const tooMany = (connector: string) =>
  new HostError({ code: 'too-many-accounts', params: { connector, mostAccounts } })
const nameTaken = (name: string) =>
  new HostError({ code: 'name-taken', says: 'name-taken-connector', params: { name } })
const noField = ({ name, fields }: Connector, field: string) =>
  new HostError({
    code: 'field-unknown',
    params: {
      name,
      field: field.slice(0, 100),
      fields: Object.keys(fields).join(', ') || saidLater('connector.nothing'),
    },
  })
