// The browser of the tests and of the pictures: Debian's own, as Playwright's `launch` takes it. Nothing is downloaded for them.
import { existsSync } from 'node:fs'

/** The one without windows has nothing to draw but pages: a test of pages takes two thirds of the processor time. */
const found = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path))

export const chromiumOptions = {
  executablePath: process.env.DRAWBRIDGE_CHROMIUM ?? found,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
}
