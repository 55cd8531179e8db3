/** Map and ground: layers, components, duty area. */
import type { Pair } from "../texts";

export const groundTexts = {
  "ground.layers": ["图层", "Layers"],
  "ground.tasks": ["任务", "Tasks"],
  "ground.reports": ["我的上报", "My reports"],
  "ground.duty": ["责任区", "Duty area"],
  "ground.components": ["部件", "Components"],
  "ground.components_from": ["放大后显示部件。", "Components show once you zoom in."],
  "ground.tasks_n": ["任务 {n} 件", "Tasks: {n}"],
  "ground.reports_n": ["我的上报 {n} 件", "My reports: {n}"],
  "ground.unsent": ["在手机上,未送达", "on this phone, not delivered"],
  "ground.components_near": ["{m} 米内的部件", "Components within {m} m"],
  "ground.components_none": ["附近没有登记的部件。", "None is registered near by."],
  "ground.components_where": ["取得定位后列出附近的部件。", "Those near by are listed once your position is known."],
  "ground.place": ["地图:上报位置", "Map: place of the report"],
  "ground.keys": ["方向键把图钉移动 1 米,按住 Shift 移动 10 米。", "Arrow keys move the pin by 1 m, with Shift by 10 m."],
} as const satisfies Record<string, Pair>;
