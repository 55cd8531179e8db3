/** The shift: clocking in and out, roll calls, alarms, track, push, themes. */
import type { Pair } from "../texts";

export const shiftTexts = {
  "myshift.title": ["当班", "My shift"],
  "myshift.on": ["在岗", "On duty"],
  "myshift.off": ["未上班", "Off duty"],
  "myshift.since": ["{time} 起", "since {time}"],
  "myshift.pending": ["已存在手机,联网后送达", "saved on the phone, sent once online"],
  "myshift.in": ["上班打卡", "Clock in"],
  "myshift.out": ["下班打卡", "Clock out"],
  "myshift.out_effect": ["下班后不再收到点名。", "After this no roll call asks for you."],
  "myshift.out_effect_track": ["下班后停止记录轨迹,不再收到点名。", "After this your track is no longer recorded and no roll call asks for you."],
  "myshift.out_sure": ["确认下班", "Clock out now"],
  "myshift.areas": ["责任区:{names}", "Duty area: {names}"],
  "myshift.track": ["轨迹记录中 · 每 {s} 秒 · {since} 起 · 仅上班时间、此页打开时", "Recording your track · every {s} s · since {since} · only on duty, while this page is open"],
  "myshift.track_kept": ["{n} 点存在手机待发。", "{n} points wait on the phone."],
  "myshift.track_lost": ["手机存不下新的轨迹点。", "The phone has no room for new points."],
  "myshift.outside": ["已离开责任区({since} 起)", "You are outside your duty area (since {since})"],
  "myshift.outside_back": ["请回到责任区:{names}。确需外出时,请告知值班长。", "Go back to {names}. If you must be elsewhere, tell the shift lead."],
  "myshift.outside_centre": ["请回到你的辖区。确需外出时,请告知值班长。", "Go back to your area. If you must be elsewhere, tell the shift lead."],
  "myshift.to_map": ["打开地图", "Open the map"],
  "myshift.clock_fast": ["手机时钟快了 {length}。记录已按服务器时间校正;请在手机设置里打开“自动设置时间”。", "This phone's clock is {length} fast. What you record is put right by the server's clock; switch on automatic time in the phone's settings."],
  "myshift.clock_slow": ["手机时钟慢了 {length}。记录已按服务器时间校正;请在手机设置里打开“自动设置时间”。", "This phone's clock is {length} slow. What you record is put right by the server's clock; switch on automatic time in the phone's settings."],
  "myshift.call": ["点名", "Roll call"],
  "myshift.call_bar": ["有点名等你回复", "A roll call waits for you"],
  "update.ready": ["有新版本", "A new version is ready"],
  "update.take": ["更新", "Update"],
} as const satisfies Record<string, Pair>;
