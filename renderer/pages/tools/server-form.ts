import { api, type Input } from '../../../src/contract/api.ts'
import { parseCommandLine } from '../../words/command-line.ts'

/** What the dialog holds while it is filled in. */
export interface ServerForm {
  kind: 'stdio' | 'http'
  name: string
  line: string
  url: string
  env: Pair[]
  headers: Pair[]
}

export interface Pair {
  id: number
  name: string
  value: string
}

export const EMPTY_FORM: ServerForm = { kind: 'stdio', name: '', line: '', url: '', env: [], headers: [] }

type Wrong = Partial<Record<'name' | 'line' | 'url' | 'pairs', string>>

/** Only the fields' own names count: a header is sent as it is written, an environment name has no spaces. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The form as the host takes it, or what is wrong, by field. */
export function checkForm(
  form: ServerForm,
): { ok: true; input: Input<'servers.add'> } | { ok: false; wrong: Wrong } {
  const wrong: Wrong = {}
  const line = parseCommandLine(form.line)
  const pairs = (form.kind === 'stdio' ? form.env : form.headers).filter(
    (pair) => pair.name.trim() || pair.value,
  )
  const pattern = form.kind === 'stdio' ? ENV_NAME : HEADER_NAME
  const bad = pairs.find((pair) => !pattern.test(pair.name.trim()))
  if (bad) {
    wrong.pairs =
      bad.name.trim() === ''
        ? 'A value has no name.'
        : `“${bad.name.trim()}” cannot be a name: use letters, digits and ${form.kind === 'stdio' ? 'underscores' : 'dashes'}.`
  }
  const values = Object.fromEntries(pairs.map((pair) => [pair.name.trim(), pair.value]))
  const input: Input<'servers.add'> =
    form.kind === 'stdio'
      ? {
          kind: 'stdio',
          name: form.name,
          command: line.command,
          args: line.args,
          env: { ...line.env, ...values },
        }
      : { kind: 'http', name: form.name, url: form.url.trim(), headers: values }
  const parsed = api['servers.add'].input.safeParse(input)
  for (const issue of parsed.error?.issues ?? []) {
    const field = issue.path[0]
    if (field === 'name' || field === 'url') wrong[field] ??= issue.message
    else if (field === 'command' || field === 'args') wrong.line ??= issue.message
    else wrong.pairs ??= issue.message
  }
  if (form.kind === 'stdio' && line.problem) wrong.line = line.problem
  return Object.keys(wrong).length > 0 || !parsed.success ? { ok: false, wrong } : { ok: true, input }
}

/** A name to start from, so that most people need not think of one: the package or the host. */
export function suggestName(form: ServerForm): string {
  if (form.kind === 'http') {
    if (!URL.canParse(form.url.trim())) return ''
    const labels = new URL(form.url.trim()).hostname
      .split('.')
      .filter((part) => !/^(www|mcp|api)$/.test(part))
    return clean(labels[0] ?? '')
  }
  const { command, args } = parseCommandLine(form.line)
  const runner = /(^|[\\/])(npx|pnpm|bunx|uvx|uv|node|python3?|docker|deno|bun)(\.cmd|\.exe)?$/i.test(command)
  const telling = runner
    ? args.find((arg) => !arg.startsWith('-') && !/^(run|exec|dlx|tool)$/.test(arg))
    : command
  const last = (telling ?? '').split(/[\\/]/).at(-1) ?? ''
  return clean(last.replace(/(.)@.*$/, '$1').replace(/\.(js|mjs|cjs|ts|py|exe|cmd|sh)$/, ''))
}

const clean = (text: string) =>
  text
    .replace(/^(mcp-)?server-|-mcp(-server)?$|^mcp-/g, '')
    .replace(/[^\p{L}\p{N} ._-]/gu, '')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .slice(0, 40)
