import { buttonWords } from '../../contract/agreed/button-words.ts'
import type { Instructions } from './instructions.ts'

export const other: Instructions = {
  client: 'other',
  name: 'The app',
  title: 'Connect another app',
  edition: 'November 2026',
  registersAs: null,
  paste: {
    title: 'Give the app your address',
    lines: [
      'Add an MCP server in the app’s settings. Its kind is “HTTP”, “Streamable HTTP” or “URL”.',
      'An app on this computer takes the address above. An app elsewhere needs the public address.',
      'If the app opens a page in your browser, go on with the next steps.',
    ],
    otherwise: [
      `No such page? Use a key: under Access, press “${buttonWords.createKey}” and put it into the app as a bearer token, that is, as the header “Authorization: Bearer …”.`,
    ],
  },
  noTools: {
    message: 'The app is connected, but has not asked which tools there are.',
    hint: 'Restart the app or refresh its list of MCP servers, then try again.',
  },
  tryIt: {
    text: 'Start a new chat in the app and say this.',
    say: 'Use Drawbridge to show me npm downloads of react',
  },
}
