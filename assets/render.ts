/**
 * Draws the app icons and tray pictures: `node assets/render.ts`. Needs Chromium (`scripts/chromium.mjs`).
 * The pictures are kept in the repository; run this after changing a shape below.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { chromiumOptions } from '../scripts/chromium.mjs'

const here = import.meta.dirname

/** Two gate towers on a 16 × 16 grid. */
const towers = (fill: string) =>
  `<path fill="${fill}" d="M1 3h1v1h1v-1h1v1h1v10h-4zM11 3h1v1h1v-1h1v1h1v10h-4z"/>`
/** The deck between them: flat, or pulled up in two halves. */
const deckDown = (fill: string) => `<path fill="${fill}" d="M5 9.5h6v2h-6z"/>`
const deckUp = (fill: string) =>
  `<path fill="none" stroke="${fill}" stroke-width="1.6" d="M5 10.6 7 5M11 10.6 9 5"/>`
const dot = (fill: string, edge: string) =>
  `<circle cx="12.4" cy="3.6" r="3.6" fill="${edge}"/><circle cx="12.4" cy="3.6" r="2.8" fill="${fill}"/>`

const svg = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="100%" height="100%">${content}</svg>`

/** macOS takes the shape from the alpha channel: a hole makes the dot stand off. */
const holed = (content: string) =>
  `<mask id="m"><rect width="16" height="16" fill="#fff"/><circle cx="12.4" cy="3.6" r="3.8"/></mask><g mask="url(#m)">${content}</g><circle cx="12.4" cy="3.6" r="2.8"/>`

/** The deck down, with a piece of it missing. */
const deckBroken = (fill: string) => `<path fill="${fill}" d="M5 9.5h1.4l.9 2H5zM8.9 9.5H11v2H9.8z"/>`
const warning = (fill: string, edge: string, mark: string) =>
  `<path fill="${fill}" stroke="${edge}" stroke-width="1" stroke-linejoin="round" d="M12.2.8l3.4 6.2H8.8z"/><path fill="${mark}" d="M11.7 2.8h1v2.2h-1zM11.7 5.5h1v.9h-1z"/>`

/** The same for a triangle, whose mark is a hole of its own. */
const holedForWarning = (content: string) =>
  `<mask id="w"><rect width="16" height="16" fill="#fff"/><path d="M12.2-.6 16.8 7.9H7.6z"/></mask><mask id="v"><rect width="16" height="16" fill="#fff"/><path d="M11.7 2.8h1v2.2h-1zM11.7 5.5h1v.9h-1z"/></mask><g mask="url(#w)">${content}</g><path mask="url(#v)" d="M12.2.6l3.6 6.6H8.6z"/>`

// Legible on light and dark panels alike.
const tray = {
  lowered: svg(towers('#2f8f6b') + deckDown('#2f8f6b')),
  raised: svg(towers('#c2503f') + deckUp('#c2503f')),
  attention: svg(towers('#c98a12') + deckDown('#c98a12') + dot('#e5484d', '#fff')),
  trouble: svg(towers('#c98a12') + deckBroken('#c98a12') + warning('#f2b01e', '#fff', '#3a2a00')),
  loweredTemplate: svg(towers('#000') + deckDown('#000')),
  raisedTemplate: svg(towers('#000') + deckUp('#000')),
  attentionTemplate: svg(holed(towers('#000') + deckDown('#000'))),
  troubleTemplate: svg(holedForWarning(towers('#000') + deckBroken('#000'))),
}

const appIcon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="100%" height="100%">
<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#24564a"/><stop offset="1" stop-color="#173a33"/></linearGradient></defs>
<rect x="1.5" y="1.5" width="29" height="29" rx="7" fill="url(#sky)"/>
<path fill="#f4ead6" d="M5.5 9h1.6v1.6h1.8V9h1.6v16h-5zM21.5 9h1.6v1.6h1.8V9h1.6v16h-5z"/>
<path fill="none" stroke="#f4ead6" stroke-width=".9" d="M10.5 12 15.6 19.4M21.5 12 16.4 19.4"/>
<path fill="#e2a83b" d="M10.5 19.2h11v2.6h-11z"/>
<path fill="#f4ead6" opacity=".35" d="M11.6 23.6q1.1-.9 2.2 0t2.2 0 2.2 0 2.2 0v.8q-1.1.9-2.2 0t-2.2 0-2.2 0-2.2 0z"/>
</svg>`

const jobs: { file: string; size: number; content: string }[] = [
  ...[16, 32, 256, 512].map((size) => ({ file: `icons/${size}x${size}.png`, size, content: appIcon })),
  ...Object.entries(tray).flatMap(([name, content]) => [
    { file: `tray/${name}.png`, size: 16, content },
    { file: `tray/${name}@2x.png`, size: 32, content },
  ]),
]

for (const dir of ['icons', 'tray']) mkdirSync(join(here, dir), { recursive: true })
const browser = await chromium.launch(chromiumOptions)
const page = await browser.newPage()
for (const { file, size, content } of jobs) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(
    `<style>*{margin:0}body{width:${size}px;height:${size}px}svg{display:block}</style>${content}`,
  )
  writeFileSync(join(here, file), await page.screenshot({ omitBackground: true }))
}
// One sheet to look at, when asked for.
const sheet = process.argv[2]
if (sheet !== undefined) {
  const row = Object.values(tray)
    .map((content) => `<div>${content}</div>`)
    .join('')
  await page.setViewportSize({ width: 900, height: 420 })
  await page.setContent(
    `<style>*{margin:0}section{display:flex;gap:20px;padding:16px}div{width:64px;height:64px}.small div{width:16px;height:16px}.big{width:160px;height:160px}</style>
<section style="background:#eee">${row}</section><section class="small" style="background:#eee">${row}</section>
<section class="small" style="background:#222">${row}</section><section><div class="big">${appIcon}</div><div style="width:32px;height:32px">${appIcon}</div><div style="width:16px;height:16px">${appIcon}</div></section>`,
  )
  await page.screenshot({ path: sheet })
}
await browser.close()
