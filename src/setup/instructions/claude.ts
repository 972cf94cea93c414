import { say } from '../../../locales/say.ts'
import type { Instructions } from './instructions.ts'

export const claude: Instructions = {
  client: 'claude',
  name: say('setup.claude.claude'),
  title: say('setup.claude.connectClaude'),
  edition: 'November 2026',
  registersAs: /claude|anthropic/i,
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
  tryIt: {
    text: say('setup.claude.startNewChatCheck'),
    say: say('setup.claude.useDrawbridgeShowMe'),
  },
}
