/**
 * Writes `locales/message-params.ts`: what each sentence of `locales/en.json` needs, as types.
 *
 *   node scripts/message-params.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import en from '../locales/en.json' with { type: 'json' }

type Elements = ReturnType<IntlMessageFormat['getAst']>
const KINDS = { 1: 'Text', 2: 'Count', 3: 'Count', 4: 'Count', 5: 'Choice', 6: 'Count', 8: 'Tag' } as const

function paramsOf(elements: Elements, found = new Map<string, string>()): Map<string, string> {
  for (const element of elements) {
    const kind = KINDS[element.type as keyof typeof KINDS]
    // A count that is also shown as it is stays a count.
    if (kind && 'value' in element && !(kind === 'Text' && found.has(element.value)))
      found.set(element.value, kind)
    if ('children' in element) paramsOf(element.children, found)
    if ('options' in element)
      for (const option of Object.values(element.options)) paramsOf(option.value, found)
  }
  return found
}

/** The text of the file. */
export function messageParams(messages: Record<string, string>): string {
  const lines = Object.entries(messages).flatMap(([code, message]) => {
    const params = [...paramsOf(new IntlMessageFormat(message, 'en').getAst())]
    if (params.length === 0) return []
    const types = params.map(([name, kind]) => `${name}: '${kind}'`)
    const line = `  '${code}': { ${types.join('; ')} }`
    return line.length <= 110 ? line : `  '${code}': {\n${types.map((type) => `    ${type}\n`).join('')}  }`
  })
  return `/** Made by scripts/message-params.ts from en.json: what each sentence needs. Those that need nothing are not here. */
export interface MessageParams {
${lines.join('\n')}
}
`
}

if (import.meta.main)
  writeFileSync(join(import.meta.dirname, '../locales/message-params.ts'), messageParams(en))
