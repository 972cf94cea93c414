/**
 * Writes docs/troubleshooting.md, from what the doctor finds and what errors say, and the table of settings in docs/deployment.md.
 *
 *   node scripts/server-pages.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import en from '../locales/en.json' with { type: 'json' }
import { settingRows } from '../src/cli/serve-settings.ts'

type Elements = ReturnType<IntlMessageFormat['getAst']>
const messages: Record<string, string> = en

/** A sentence as somebody meets it whose values are not known here: `…` stands for each, and the usual case for a choice. */
const shown = (message: string): string => textOf(new IntlMessageFormat(message, 'en').getAst()).trim()

const textOf = (elements: Elements): string =>
  elements
    .map((element) => {
      if ('options' in element) return textOf(element.options.other?.value ?? [])
      if ('children' in element) return textOf(element.children)
      return element.type === 0 ? element.value : '…'
    })
    .join('')

/** What has both its sentences, by the start of its code: what happened, and what to do. */
function pairs(start: RegExp): [message: string, hint: string][] {
  const found = Object.keys(messages).flatMap((code) => {
    const base = code.replace(/\.message$/, '')
    const hint = messages[`${base}.hint`]
    if (base === code || hint === undefined || !start.test(base)) return []
    return [[shown(messages[code]!), shown(hint)] as [string, string]]
  })
  // Several places may say the same.
  return [...new Map(found.map((pair) => [pair.join('|'), pair])).values()].filter(
    ([message, hint]) => /[a-z]/.test(message) && /[a-z]/.test(hint),
  )
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;')
const table = (heads: string[], rows: string[][]): string =>
  [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

const chapters: [title: string, about: string, start: RegExp][] = [
  [
    'Assistants cannot connect',
    'What *Check like ChatGPT would* finds (`drawbridge doctor`, on the Home and Connect pages), and what to do.',
    /^doctor\.(?!notTried|needsYou)/,
  ],
  [
    'The public address',
    'What Home and `drawbridge tunnel status` say.',
    /^(?:error\.tunnel-|tunnel\.(?:unreachable|localDown|page|silent|other|taken|elsewhere)$)/,
  ],
  [
    'Drawbridge does not start',
    '',
    /^error\.(?:already-running|port|data-folder|database|node-|interface-|restore-locked)/,
  ],
  ['Keys and passwords', '', /^error\.(?:vault|keychain|passphrase|secret)/],
  [
    'A server does not run',
    'What its card on the Tools page and `drawbridge server list` say.',
    /^error\.(?:server|command-not-found|upstream)/,
  ],
  ['Backups', '', /^error\.(?:backup-|file-)/],
  ['In the background', '', /^error\.(?:service-|usage\.(?:setting|tunnelField|serviceSecret))/],
]

export function troubleshootingPage(): string {
  const parts = chapters.map(([title, about, start]) =>
    [`## ${title}`, about, table(['It says', 'What to do'], pairs(start))].filter(Boolean).join('\n\n'),
  )
  return `# When something does not work

Begin with \`drawbridge doctor\`, or *Check like ChatGPT would* in the app: it goes out and comes back in as an assistant does, and names what is wrong. This page
holds what it and Drawbridge's other messages say, to be searched; … stands for a name or a number. It is made from those sentences
(\`node scripts/server-pages.ts\`).

What helps to find out more: \`drawbridge status\` (what needs you), \`drawbridge server logs NAME\` (what a server wrote last), and \`drawbridge.log\` in the
data folder, in which secrets are blanked. \`drawbridge serve --log-level debug\` writes the most into it.

${parts.join('\n\n')}
`
}

const [begin, end] = ['<!-- settings: node scripts/server-pages.ts -->', '<!-- end of settings -->']

/** The page with the table as it has to be. */
export function deploymentPage(page: string): string {
  const rows = settingRows().map(([variable, option, fits, about]) => [
    `\`${variable}\``,
    option && `\`${option}\``,
    fits,
    about,
  ])
  const made = table(['variable', 'option of `serve`', 'takes', 'what it is'], rows)
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error('docs/deployment.md has no place for the table')
  return `${page.slice(0, from + begin.length)}\n${made}\n${page.slice(to)}`
}

if (import.meta.main) {
  const docs = (name: string) => join(import.meta.dirname, '../docs', name)
  writeFileSync(docs('troubleshooting.md'), troubleshootingPage())
  writeFileSync(docs('deployment.md'), deploymentPage(readFileSync(docs('deployment.md'), 'utf8')))
}
