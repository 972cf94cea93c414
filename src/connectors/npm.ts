import * as z from 'zod'
import { saidLater } from '../../locales/say.ts'
import { HostError } from '../kernel/errors.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector, defineTool } from './kit/connector.ts'
import { listField, type ValuesOf } from './kit/fields.ts'

const PackageName = z
  .string()
  .max(214)
  .regex(
    /^(?:@[A-Za-z0-9~-][A-Za-z0-9._~-]*\/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*$/,
    'must be the name of an npm package, such as react or @types/node',
  )

const fields = {
  packages: listField({
    label: saidLater('connector.npm.packages.label'),
    hint: saidLater('connector.npm.packages.hint'),
    placeholder: '@types/node',
    item: PackageName,
    mismatch: saidLater('connector.npm.packages.mismatch'),
    most: 20,
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

const Downloads = z.object({
  package: z.string(),
  start: z.iso.date(),
  end: z.iso.date(),
  downloads: z.array(z.object({ day: z.iso.date(), downloads: z.number().int() })).max(600),
})

/** npm's download-counts API: `GET /downloads/range/{period}/{package}`, no account. Counts lag a day. */
function downloadsOf(name: string, range: string, ask: Asking) {
  // The slash of a scope stays: that is how the service documents it.
  const encoded = name.split('/').map(encodeURIComponent).join('/').replace(/^%40/, '@')
  return ask.get(`/downloads/range/${encodeURIComponent(range)}/${encoded}`, Downloads, {
    notFound: () => new HostError({ code: 'not-found', says: 'not-found-npm', params: { name } }),
  })
}

const total = (found: z.infer<typeof Downloads>[]) =>
  found.flatMap(({ downloads }) => downloads).reduce((sum, day) => sum + day.downloads, 0)
const perDay = (found: z.infer<typeof Downloads>[]) =>
  Math.round(total(found) / Math.max(1, found[0]!.downloads.length))

const Values = z.object({
  package: z.string().optional(),
  range: z.string(),
  from: z.string().describe('First day counted'),
  to: z.string().describe('Last day counted'),
  downloads: z.number().int().describe('All downloads of the range'),
  perDay: z.number().int().describe('Average of a day, rounded'),
  course: z
    .array(z.object({ period: z.string(), downloads: z.number().int() }))
    .describe('Oldest first: a day (2026-01-31) each, or a month (2026-01) for a year'),
  packages: z
    .array(z.object({ package: z.string(), downloads: z.number().int(), perDay: z.number().int() }))
    .optional()
    .describe('Where several were asked for: each; the numbers above are sums'),
})

const getNpmDownloads = defineTool(fields, {
  name: 'get_npm_downloads',
  title: 'npm downloads',
  description:
    'How often an npm package was downloaded in the last week, month or year: the total, the average per day, and the course by day (by month for a year). Counts lag about a day.',
  sentence: 'Asks npm how often {package} was downloaded.',
  input: z.strictObject({
    package: PackageName.describe('The name of the package, for example react or @types/node'),
    range: z
      .enum(['last-week', 'last-month', 'last-year'])
      .default('last-week')
      .describe('Which days to count'),
  }),
  standIns: { package: 'packages' },
  output: Values,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async answer({ package: name, range }, ask): Promise<z.infer<typeof Values>> {
    const names = name === undefined ? ask.account.packages! : [name]
    const found = await Promise.all(names.map((one) => downloadsOf(one, range, ask)))
    const [first] = found
    const course = new Map<string, number>()
    for (const { day, downloads } of found.flatMap((one) => one.downloads)) {
      const period = range === 'last-year' ? day.slice(0, 7) : day
      course.set(period, (course.get(period) ?? 0) + downloads)
    }
    return {
      ...(found.length === 1 && { package: first!.package }),
      range,
      from: first!.start,
      to: first!.end,
      downloads: total(found),
      perDay: perDay(found),
      course: [...course].map(([period, downloads]) => ({ period, downloads })),
      ...(found.length > 1 && {
        packages: found.map((one) => ({
          package: one.package,
          downloads: total([one]),
          perDay: perDay([one]),
        })),
      }),
    }
  },
  say: (found) =>
    `${found.package ?? `Together, ${found.packages!.map((one) => one.package).join(', ')}`} ${found.package ? 'was' : 'were'} downloaded ${found.downloads.toLocaleString('en')} times from ${found.from} to ${found.to}, about ${found.perDay.toLocaleString('en')} times a day.`,
})

export const npm = defineConnector({
  slug: 'npm',
  name: 'npm',
  about: saidLater('connector.npm.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">  <title>npm</title>  <rect width="32" height="32" rx="8" fill="#b8322a"/>  <path d="M16 6.5 24.5 11v10L16 25.5 7.5 21V11z" fill="none" stroke="#fff" stroke-width="2.2" stroke-linejoin="round"/>  <path d="M7.5 11 16 15.5 24.5 11M16 15.500v10" fill="none" stroke="#fff" stroke-width="2.2" stroke-linejoin="round"/></svg>',
  baseUrl: 'https://api.npmjs.org',
  fields,
  tools: [getNpmDownloads],
  examples: [
    saidLater('connector.npm.example.week'),
    saidLater('connector.npm.example.year'),
    saidLater('connector.npm.example.compare'),
  ],
  async test(ask) {
    const name = ask.account.packages?.[0] ?? 'npm'
    const downloads = total([await downloadsOf(name, 'last-week', ask)])
    return saidLater('connector.npm.works', { name, downloads: downloads.toLocaleString('en') })
  },
})
