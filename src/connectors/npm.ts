import * as z from 'zod'
import { HostError } from '../kernel/errors.ts'
import { type Connector, defineTool } from './kit/connector.ts'

const Downloads = z.object({
  package: z.string(),
  start: z.iso.date(),
  end: z.iso.date(),
  downloads: z.array(z.object({ day: z.iso.date(), downloads: z.number().int() })).max(600),
})

/** npm's download-counts API: `GET /downloads/range/{period}/{package}`, no account. Counts lag a day. */
const getNpmDownloads = defineTool({
  name: 'get_npm_downloads',
  title: 'npm downloads',
  description:
    'How often an npm package was downloaded in the last week, month or year: the total, the average per day, and the course by day (by month for a year). Counts lag about a day.',
  input: z.strictObject({
    package: z
      .string()
      .max(214)
      .regex(
        /^(?:@[A-Za-z0-9~-][A-Za-z0-9._~-]*\/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*$/,
        'must be the name of an npm package, such as react or @types/node',
      )
      .describe('The name of the package, for example react or @types/node'),
    range: z
      .enum(['last-week', 'last-month', 'last-year'])
      .default('last-week')
      .describe('Which days to count'),
  }),
  output: z.object({
    package: z.string(),
    range: z.string(),
    from: z.string().describe('First day counted'),
    to: z.string().describe('Last day counted'),
    downloads: z.number().int().describe('All downloads of the range'),
    perDay: z.number().int().describe('Average of a day, rounded'),
    course: z
      .array(z.object({ period: z.string(), downloads: z.number().int() }))
      .describe('Oldest first: a day (2026-01-31) each, or a month (2026-01) for a year'),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  path({ package: name, range }) {
    // The slash of a scope stays: that is how the service documents it.
    const encoded = name.split('/').map(encodeURIComponent).join('/').replace(/^%40/, '@')
    return `/downloads/range/${encodeURIComponent(range)}/${encoded}`
  },
  read(body, { range }) {
    const found = Downloads.parse(body)
    const downloads = found.downloads.reduce((sum, day) => sum + day.downloads, 0)
    const course = new Map<string, number>()
    for (const { day, downloads: number } of found.downloads) {
      const period = range === 'last-year' ? day.slice(0, 7) : day
      course.set(period, (course.get(period) ?? 0) + number)
    }
    return {
      package: found.package,
      range,
      from: found.start,
      to: found.end,
      downloads,
      perDay: Math.round(downloads / Math.max(1, found.downloads.length)),
      course: [...course].map(([period, number]) => ({ period, downloads: number })),
    }
  },
  say: (found) =>
    `${found.package} was downloaded ${found.downloads.toLocaleString('en')} times from ${found.from} to ${found.to}, about ${found.perDay.toLocaleString('en')} times a day.`,
  notFound: ({ package: name }) =>
    new HostError({
      code: 'not-found',
      message: `npm has no package called ${name}, or no downloads of it yet.`,
      hint: 'Check the spelling; scoped packages begin with @ and their scope, as in @types/node.',
    }),
})

export const npm: Connector = {
  slug: 'npm',
  name: 'npm',
  baseUrl: 'https://api.npmjs.org',
  tools: [getNpmDownloads],
}
