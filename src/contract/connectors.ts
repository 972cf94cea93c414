import * as z from 'zod'
import { command, event, nothing, query } from './definition.ts'
import { Name } from './names.ts'

/** Something a built-in connector can be told. */
export const ConnectorField = z.object({
  name: z.string(),
  /** `list`: one entry per line. `secret`: kept in the vault, and never shown again. */
  kind: z.enum(['text', 'list', 'secret']),
  label: z.string(),
  hint: z.string(),
  placeholder: z.string(),
  /** Without it the service cannot be asked anything. */
  required: z.boolean(),
  /** Of a secret: what it has to be allowed, in the words of the service. */
  scopes: z.array(z.string()),
})
export type ConnectorField = z.infer<typeof ConnectorField>

/** One account at a service, or, where the service wants none, what the user wants to know of it. */
export const ConnectorAccount = z.object({
  id: z.string(),
  name: z.string(),
  /** By field; without secrets. */
  values: z.record(z.string(), z.string()),
  /** The names of the secret fields that have a value. */
  secrets: z.array(z.string()),
})
export type ConnectorAccount = z.infer<typeof ConnectorAccount>

/** A service that Drawbridge can ask by itself. */
export const Connector = z.object({
  slug: z.string(),
  name: z.string(),
  about: z.string(),
  /** What its tools come from, as tools (`sourceId`) and workspaces refer to it: itself, or several services that answer the same questions together. */
  source: z.object({ slug: z.string(), name: z.string() }),
  /** A `data:` address of a picture. */
  logo: z.string(),
  fields: z.array(ConnectorField),
  /** The first is asked where a call names none. */
  accounts: z.array(ConnectorAccount),
  /** What a person may ask an assistant about it. */
  examples: z.array(z.string()),
  /** False: it cannot be asked before an account has every required field. Until then its tools answer with made-up values, if at all. */
  ready: z.boolean(),
})
export type Connector = z.infer<typeof Connector>

/** What is left out stays as it is; null, or a text without anything in it, removes a value. */
const ConnectorAccountChange = z.object({
  slug: z.string(),
  /** Left out: another account. */
  id: z.string().optional(),
  name: Name.optional(),
  values: z.record(z.string().max(100), z.string().max(20_000).nullable()).default({}),
})

export const connectorsApi = {
  'connectors.list': query(nothing, z.array(Connector)),
  /** Sets up an account at a service, or changes one. Secrets go to the vault. */
  'connectors.save': command(ConnectorAccountChange, ConnectorAccount),
  /** Forgets an account, with its secrets. */
  'connectors.remove': command(z.object({ id: z.string() }), nothing),
  /** Asks the service something cheap as this account. Fails with what is wrong. */
  'connectors.test': command(z.object({ id: z.string() }), z.object({ message: z.string() })),

  'connectors.changed': event(z.object({})),
}
