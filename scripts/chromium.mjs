// The browser of the tests and of the pictures: Debian's own, as Playwright's `launch` takes it. Nothing is downloaded for them.
import { existsSync } from 'node:fs'

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const found = (...paths) => process.env.DRAWBRIDGE_CHROMIUM ?? paths.find((path) => existsSync(path))
const whole = '/usr/bin/chromium'

export const chromiumOptions = { executablePath: found(whole), args }

/** It has nothing to draw but pages, and so takes two thirds of the processor time; signing in on a site elsewhere does not go on in it. */
export const headlessShellOptions = { executablePath: found('/usr/bin/chromium-headless-shell', whole), args }
