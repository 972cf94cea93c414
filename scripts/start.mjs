// `npm start`: from a fresh checkout to the running app. `--headless` leaves the desktop window out.
import { join } from 'node:path'
import { findElectron } from './electron-binary.mjs'
import { nodeFlags } from './node-flags.mjs'
import { withPrepared } from './prepare.mjs'
import { become, findNode, leavePassphraseBehind, root, say } from './process.mjs'

await leavePassphraseBehind()

const given = process.argv.slice(2)
const headless = given.includes('--headless')
const args = given.filter((text) => text !== '--headless')

await withPrepared(async () => {
  const { binary, why } = headless ? { why: 'you asked for it' } : await findElectron()
  if (binary) {
    say('Drawbridge starts as a desktop app.')
    return become(binary, [root, ...args])
  }
  say(`Drawbridge runs without a window of its own (${why}): open the link below in a browser.`)
  return become(findNode(), [...nodeFlags, join(root, 'out', 'main', 'drawbridge.js'), 'serve', ...args])
})
process.exit()
