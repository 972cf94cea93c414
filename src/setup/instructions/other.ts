import { say } from '../../../locales/say.ts'
import { buttonWords } from '../../contract/agreed/words/button.ts'
import type { App } from './instructions.ts'

export const other: App = {
  client: 'other',
  registersAs: null,
  words: () => ({
    name: say('setup.other.theApp'),
    title: say('setup.other.connectAnotherApp'),
    edition: say('setup.other.edition'),
    paste: {
      title: say('setup.other.giveAppYourAddress'),
      lines: [
        say('setup.other.addMcpServerIn'),
        say('setup.other.appOnComputerTakes'),
        say('setup.other.ifAppOpensPage'),
      ],
      otherwise: [say('setup.other.noSuchPageUse', { createKey: buttonWords.createKey })],
    },
    noTools: {
      message: say('setup.other.appConnectedButHas.message'),
      hint: say('setup.other.appConnectedButHas.hint'),
    },
    tryIt: say('setup.other.startNewChatIn'),
  }),
}
