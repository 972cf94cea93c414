import { say } from '../../../locales/say.ts'
import type { App } from './instructions.ts'

export const claude: App = {
  client: 'claude',
  registersAs: /claude|anthropic/i,
  words: () => ({
    name: say('setup.claude.name'),
    title: say('setup.claude.connectClaude'),
    edition: say('setup.claude.edition'),
    paste: {
      title: say('setup.claude.giveClaudeYourAddress'),
      lines: [
        say('setup.claude.openClaudeAiThen'),
        say('setup.claude.chooseAddCustomConnector'),
        say('setup.claude.leaveAdvancedSettingsEmpty'),
      ],
      otherwise: [
        say('setup.claude.inOlderVersionsSettings'),
        say('setup.claude.inTeamOwnerAdds'),
        say('setup.claude.phoneAppsCannotAdd'),
      ],
    },
    noTools: {
      message: say('setup.claude.claudeConnectedButHas.message'),
      hint: say('setup.claude.claudeConnectedButHas.hint'),
    },
    tryIt: say('setup.claude.startNewChatCheck'),
  }),
}
