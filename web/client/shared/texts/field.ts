/** Texts of the inspector's phone. */
export const fieldTexts = {
  "field.title": ["监督员", "Inspector"],
  "field.tasks": ["任务", "Tasks"],
  "field.map": ["地图", "Map"],
  "field.report": ["上报", "Report"],
  "field.mine": ["我的", "Mine"],
  "field.online": ["在线", "online"],
  "field.offline": ["离线", "offline"],
  "field.nothing_offline": ["没有网络,这里的内容本机没有存过。联网后再打开。", "No connection, and this phone has kept nothing of it. Open it again once online."],
  "field.signin_offline": ["没有网络。登录需要联网;本机已存的内容都还在。", "No connection. Signing in needs one; all that this phone keeps is still there."],
  "field.nav": ["主菜单", "Main menu"],

  "tasks.empty": ["现在没有任务。新任务会自动出现在这里。", "No task now. New ones appear here by themselves."],
  "tasks.verify": ["核实", "Verify"],
  "tasks.check": ["核查", "Check"],
  "tasks.answered": ["已回复,等待发送", "answered, waiting to be sent"],
  "tasks.gone_n": ["已不在你的任务列表里({n} 项):", "Not on your list of tasks any more ({n}):"],
  "tasks.gone_read": ["知道了", "All right"],
  "tasks.order": ["排序", "Order"],
  "tasks.order_nearest": ["最近的在前", "Nearest first"],
  "tasks.order_due": ["最急的在前", "Soonest first"],
  "tasks.as_of": ["没有网络。任务是 {time} 的,联网后自动更新。", "No connection. Tasks as of {time}; they update by themselves once online."],
  "tasks.empty_offline": ["上次同步时没有任务。联网后自动更新。", "There was no task when last synchronised. It updates by itself once online."],

  "map.tasks": ["任务和我的位置", "Tasks and my position"],
  "map.here": ["我的位置", "My position"],
} as const;
