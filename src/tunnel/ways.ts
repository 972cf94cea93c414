import * as z from 'zod'
import { saidLater, say, sayTheSentence } from '../../locales/say.ts'
import type { TunnelId, TunnelWay } from '../contract/tunnel.ts'
import { HostError } from '../kernel/errors.ts'
import type { Settings } from '../storage/settings.ts'
import type { Vault } from '../storage/vault/vault.ts'
import { findProgram, type ProgramFile } from './helper-process.ts'
import type { HelperStore } from './helpers/helper-store.ts'
import { tunnelProviders } from './providers/list.ts'
import type { ListedProvider, ProviderField } from './providers/provider.ts'

const Told = z.record(z.string(), z.record(z.string(), z.string()))
const setting = 'tunnel.values'

/** What the user told each provider, without secrets. */
export const toldTo = (settings: Settings, id: string): Readonly<Record<string, string>> =>
  settings.get(setting, Told)?.[id] ?? {}

export const secretName = (id: string, field: string): string => `tunnel/${id}/${field}`

export interface Ways {
  list(): Promise<TunnelWay[]>
  /** Throws HostError `tunnel-field-unknown`, `tunnel-field-invalid`, `tunnel-address-path` or `tunnel-field-missing`. */
  use(id: TunnelId, values: Readonly<Record<string, string | null>>): Promise<void>
}

export interface WaysDeps {
  settings: Settings
  vault: Vault
  env: NodeJS.ProcessEnv
  /** Programs that can be fetched, and were; left out: none. */
  helpers?: Pick<HelperStore, 'has' | 'offer'>
  /** Where a tunnel leads to, on 127.0.0.1. */
  localPort(): number
  tunnel: { provider(): string; use(id: string): void }
}

/** The ways to a public address: what is known of each, what it was told, and which one is used. */
export function createWays(deps: WaysDeps): Ways {
  const { settings, vault } = deps
  const secretsOf = async ({ id, fields = [] }: ListedProvider): Promise<string[]> => {
    const names = fields.filter(({ kind }) => kind === 'secret').map(({ name }) => name)
    const values = await Promise.all(names.map((name) => vault.get(secretName(id, name))))
    return names.filter((_, at) => values[at] !== null)
  }
  return {
    list: () =>
      Promise.all(
        tunnelProviders.map(async (provider): Promise<TunnelWay> => {
          const { id, fields = [], program, ledHere } = provider
          return {
            ...wordsOf(provider.id),
            id,
            lasts: provider.naming === 'assigned' || provider.naming === 'domain',
            chosen: deps.tunnel.provider() === id,
            fields: fields
              .filter(({ belongsTo }) => belongsTo === undefined)
              .map(({ read, belongsTo, label, hint, ...field }) => ({
                ...field,
                label: sayTheSentence(label),
                hint: sayTheSentence(hint),
              })),
            values: { ...toldTo(settings, id) },
            secrets: await secretsOf(provider),
            helper: program ? await helperOf(program, deps) : null,
            leadsTo: ledHere ? `http://127.0.0.1:${deps.localPort()}` : null,
          }
        }),
      ),
    async use(id, given) {
      const provider = tunnelProviders.find((one) => one.id === id)!
      const { fields = [] } = provider
      const read = Object.entries(given).map(([name, typed]) => readField(provider, name, typed))
      const told = { ...toldTo(settings, id) }
      for (const { name, belongsTo } of fields)
        if (belongsTo !== undefined && belongsTo in given) delete told[name]
      const secrets = new Set(await secretsOf(provider))
      for (const { field, value } of read) {
        if (field.kind === 'secret') value === null ? secrets.delete(field.name) : secrets.add(field.name)
        else if (value === null) delete told[field.name]
        else told[field.name] = value
      }
      const missing = fields.find(
        ({ name, required, kind }) =>
          required && (kind === 'secret' ? !secrets.has(name) : told[name] === undefined),
      )
      if (missing)
        throw new HostError({
          code: 'tunnel-field-missing',
          params: { title: titleOf(id), label: missing.label },
        })
      for (const { field, value } of read) {
        if (field.kind !== 'secret') continue
        const name = secretName(id, field.name)
        await (value === null ? vault.delete(name) : vault.set(name, value))
      }
      settings.set(setting, { ...settings.get(setting, Told), [id]: told })
      deps.tunnel.use(id)
    },
  }
}

async function helperOf(program: ProgramFile, { helpers, env }: WaysDeps): Promise<TunnelWay['helper']> {
  const { id, title, from } = program
  const found = (id && helpers?.has(id)) || (await findProgram(program, env)) !== null
  const offer = (id && helpers?.offer(id)) ?? null
  return { title, from, found, fetch: id && offer ? { id, ...offer } : null }
}

const titleOf = (id: TunnelId) => saidLater(`tunnel.way.${id}.title`)

function readField(provider: ListedProvider, name: string, typed: string | null) {
  const field: ProviderField | undefined = provider.fields?.find((one) => one.name === name)
  if (field === undefined)
    throw new HostError({ code: 'tunnel-field-unknown', params: { title: titleOf(provider.id) } })
  if (typed === null || typed.trim() === '') return { field, value: null }
  const value = field.read(typed.trim())
  // The value is not repeated: it may be a secret.
  if (value === null)
    throw new HostError({ code: 'tunnel-field-invalid', params: { label: field.label, hint: field.hint } })
  return { field, value }
}

const wordsOf = (id: TunnelId) => ({
  title: say(`tunnel.way.${id}.title`),
  about: say(`tunnel.way.${id}.about`),
  price: say(`tunnel.way.${id}.price`),
  account: say(`tunnel.way.${id}.account`),
  reads: say(`tunnel.way.${id}.reads`),
  restart: say(`tunnel.way.${id}.restart`),
  browser: say(`tunnel.way.${id}.browser`),
})
